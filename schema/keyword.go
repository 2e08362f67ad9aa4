package schema

// nesting says where further schemas stand inside a keyword's value.
type nesting uint8

const (
	none         nesting = iota // nowhere
	single                      // the value is a schema
	list                        // a list of schemas
	singleOrList                // items: one or the other
	named                       // an object of name → schema
	namedOrNames                // dependencies: name → schema, or name → list of names
)

// reading says what the compiler of rules makes of a keyword.
type reading uint8

const (
	opaque   reading = iota // does not understand it: such a place goes to the judge
	remark                  // says nothing about values
	compiled                // understands it
)

// keyword is one row of the table below.
type keyword struct {
	nests   nesting
	inPlace bool // the nested schemas judge the very same value, not a part of it
	reading reading
}

// keywords are all that muster knows of drafts 04, 06 and 07. What is not listed is no keyword to the judge, and opaque
// to the compiler. To teach the compiler a keyword: mark it compiled here and give it its lines in rule.go or shape.go.
var keywords = map[string]keyword{
	"$schema":          {reading: remark},
	"$comment":         {reading: remark},
	"title":            {reading: remark},
	"description":      {reading: remark},
	"default":          {reading: remark},
	"examples":         {reading: remark},
	"readOnly":         {reading: remark},
	"writeOnly":        {reading: remark},
	"contentMediaType": {reading: remark},
	"contentEncoding":  {reading: remark},
	"definitions":      {nests: named, reading: remark},

	"$ref": {inPlace: true, reading: compiled},

	"type":             {reading: compiled},
	"enum":             {reading: compiled},
	"const":            {reading: compiled},
	"format":           {reading: compiled},
	"pattern":          {reading: compiled},
	"minLength":        {reading: compiled},
	"maxLength":        {reading: compiled},
	"minimum":          {reading: compiled},
	"maximum":          {reading: compiled},
	"exclusiveMinimum": {reading: compiled},
	"exclusiveMaximum": {reading: compiled},
	"multipleOf":       {},

	"items":           {nests: singleOrList, reading: compiled},
	"minItems":        {reading: compiled},
	"maxItems":        {reading: compiled},
	"uniqueItems":     {reading: compiled},
	"additionalItems": {nests: single},
	"contains":        {nests: single},

	"properties":           {nests: named, reading: compiled},
	"required":             {reading: compiled},
	"additionalProperties": {nests: single, reading: compiled},
	"patternProperties":    {nests: named, reading: compiled},
	"minProperties":        {reading: compiled},
	"maxProperties":        {reading: compiled},
	"propertyNames":        {nests: single},
	"dependencies":         {nests: namedOrNames, inPlace: true},

	"allOf": {nests: list, inPlace: true},
	"anyOf": {nests: list, inPlace: true},
	"oneOf": {nests: list, inPlace: true},
	"not":   {nests: single, inPlace: true},
	"if":    {nests: single, inPlace: true},
	"then":  {nests: single, inPlace: true},
	"else":  {nests: single, inPlace: true},
}

// newerKeywords came after draft-07. The judge ignores them or, where they are targets of a $ref, never returns; so a
// document that relies on them is refused.
var newerKeywords = map[string]bool{
	"$anchor": true, "$defs": true, "$dynamicAnchor": true, "$dynamicRef": true, "$recursiveAnchor": true,
	"$recursiveRef": true,
	"$vocabulary":   true, "dependentRequired": true, "dependentSchemas": true, "maxContains": true, "minContains": true,
	"prefixItems": true, "unevaluatedItems": true, "unevaluatedProperties": true,
}
