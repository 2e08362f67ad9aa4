package config

import _ "embed"

//go:embed init.yaml
var initial string

// Initial is the commented project file to begin with. It parses as it is.
func Initial() string { return initial }
