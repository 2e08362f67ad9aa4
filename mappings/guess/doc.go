// Package guess makes a mapping for a file that nobody has described: what each column most likely is by its name and
// by the values of a sample, how surely, and why. A guess holds no values; where two readings fit a person is asked.
package guess
