package extract

func (w *writer) pdf(_ []byte) error { return ErrType }

func (w *writer) pdfInner(name string, _ []byte) error {
	w.unread = append(w.unread, Unread{w.prefix + name, Object})
	return nil
}
