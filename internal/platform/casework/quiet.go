package casework

// Quiet keeps [Runtime.Run] of this process from waking cases until the function that it returns is called: whoever plays matters of the
// past through a runtime with a moved clock lets time pass for them itself, and nothing must fall due today meanwhile. Keep it short.
func (r *Runtime) Quiet() (again func()) {
	r.quiet.Lock()
	return r.quiet.Unlock
}
