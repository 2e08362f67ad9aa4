package config

import "muster/pipeline/yamlfile"

// A Mistake is one thing wrong in a project file.
type Mistake = yamlfile.Mistake

// Mistakes is the error of Parse: every mistake of one file, in order of their places.
type Mistakes = yamlfile.Mistakes
