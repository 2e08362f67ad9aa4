package report

import _ "embed" // the schema

//go:embed report.schema.json
var reportSchema string

// Schema is the JSON Schema (draft-07) of report.json and of what --json prints. It allows fields it does not name,
// since later programs may write more.
func Schema() string { return reportSchema }
