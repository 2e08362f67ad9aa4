package report

import "io"

// Text writes the summary for a terminal of the given width in columns (0: 80).
func Text(w io.Writer, s *Summary, width int, color bool) {}
