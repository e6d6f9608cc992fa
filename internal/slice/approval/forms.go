package approval

import (
	"fmt"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/form"
)

// forms compiles the application forms of items, each version once. Their number is that of the catalogue.
type forms struct {
	now   func() time.Time
	mu    sync.Mutex
	pages map[string]compiled[*form.Schema]
	steps map[string]compiled[*casework.Form]
	tasks map[string]*form.Schema // of the applicant's steps, by key of the form
}

// compiled is a form with the version of the item that it belongs to.
type compiled[T any] struct {
	version int
	form    T
}

func newForms(now func() time.Time) *forms {
	return &forms{now: now, pages: map[string]compiled[*form.Schema]{}, steps: map[string]compiled[*casework.Form]{},
		tasks: map[string]*form.Schema{}}
}

// page returns the form as it is asked on a page.
func (f *forms) page(it *Item) (*form.Schema, error) {
	return once(f, f.pages, it, func() (*form.Schema, error) { return form.Compile(it.Form, PageFormats(f.now)) })
}

// step returns the form as it is checked when a case begins.
func (f *forms) step(it *Item) (*casework.Form, error) {
	return once(f, f.steps, it, func() (*casework.Form, error) { return casework.NewForm(it.Key, it.Form, StepFormats(f.now)) })
}

func once[T any](f *forms, known map[string]compiled[T], it *Item, compile func() (T, error)) (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := known[it.Code]; ok && c.version == it.Version {
		return c.form, nil
	}
	c, err := compile()
	if err != nil {
		return c, fmt.Errorf("form of item %s: %w", it.Key, err)
	}
	known[it.Code] = compiled[T]{it.Version, c}
	return c, nil
}

// task returns the form of a step as it is asked on a page; nil for a step that asks nothing.
func (f *forms) task(key string, known *casework.Forms) (*form.Schema, error) {
	if key == "" {
		return nil, nil //nolint:nilnil // no form is an answer
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if schema, ok := f.tasks[key]; ok {
		return schema, nil
	}
	step, ok := known.Form(key)
	if !ok {
		return nil, fmt.Errorf("there is no form %q", key)
	}
	schema, err := form.Compile(step.Source, PageFormats(f.now))
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	f.tasks[key] = schema
	return schema, nil
}
