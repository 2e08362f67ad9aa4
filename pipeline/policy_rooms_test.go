package pipeline_test

// A room is what one package may import: rooms of this module, and packages from outside the standard library, each with
// all that is below it. Tests may import anything.
type room struct{ rooms, others []string }

// rooms is the import policy, by folder. A folder with Go files that is not here is a room without a place in the house.
var rooms = map[string]room{
	".": {rooms: []string{"pipeline/command"}, others: []string{"golang.org/x/term"}},
	"pipeline/command": {
		rooms: []string{
			"pipeline/bind",
			"pipeline/lookup",
			"pipeline/parallel",
			"pipeline/outcome",
			"pipeline",
			"pipeline/history",
			"pipeline/night",
			"pipeline/options",
			"pipeline/project",
			"pipeline/secret",
			"pipeline/tell",
			"pipeline/sandbox",
			"pipeline/source",
			"pipeline/kustomer",
			"pipeline/ledger",
			"pipeline/report",
			"mappings",
			"mappings/guess",
			"schema",
			"schema/klass",
			"schema/engage",
		},
		others: []string{
			"github.com/spf13/cobra",
			"github.com/cpuguy83/go-md2man/v2/md2man",
			"github.com/schollz/progressbar/v3",
			"github.com/agnivade/levenshtein",
			"golang.org/x/term",
		},
	},
	"pipeline": {
		rooms: []string{
			"pipeline/block",
			"pipeline/bind",
			"pipeline/lookup",
			"pipeline/unseen",
			"pipeline/parallel",
			"pipeline/outcome",
			"pipeline/customer",
			"pipeline/dedupe",
			"pipeline/profile",
			"pipeline/source",
			"pipeline/kustomer",
			"pipeline/ledger",
			"pipeline/report",
			"pipeline/report/workbook",
			"mappings",
			"mappings/guess",
			"schema",
			"schema/klass",
			"schema/engage",
		},
		others: []string{
			"golang.org/x/sync/errgroup",
			"golang.org/x/text",
		},
	},
	"pipeline/lookup": {
		rooms: []string{
			"pipeline/customer",
			"pipeline/kustomer",
			"pipeline/parallel",
		},
	},
	"pipeline/bind": {
		rooms: []string{
			"pipeline/unseen",
			"pipeline/outcome",
			"pipeline/parallel",
			"pipeline/kustomer",
			"pipeline/report",
			"pipeline/source",
			"mappings",
			"mappings/guess",
			"schema",
			"schema/engage",
			"schema/klass",
		},
	},
	"pipeline/block": {
		rooms: []string{
			"pipeline/bind",
			"pipeline/customer",
			"pipeline/dedupe",
			"pipeline/kustomer",
			"pipeline/ledger",
			"pipeline/outcome",
			"pipeline/profile",
			"pipeline/report",
			"pipeline/source",
			"schema",
		},
	},
	"pipeline/parallel": {others: []string{"golang.org/x/sync/errgroup"}},
	"pipeline/outcome":  {},
	"pipeline/profile":  {rooms: []string{"pipeline/unseen", "pipeline/source", "pipeline/outcome", "pipeline/dedupe", "pipeline/bind", "pipeline/report", "mappings"}},
	"pipeline/spelling": {rooms: []string{"pipeline/unseen"}, others: []string{"github.com/agnivade/levenshtein"}},
	"pipeline/yamlfile": {rooms: []string{"pipeline/spelling"}, others: []string{"go.yaml.in/yaml/v3"}},
	"pipeline/trust":    {},
	"pipeline/project":  {rooms: []string{"pipeline/spelling", "pipeline/yamlfile"}, others: []string{"go.yaml.in/yaml/v3"}},
	"pipeline/options":  {rooms: []string{"pipeline", "pipeline/project", "pipeline/report", "pipeline/source"}},
	"pipeline/secret": {
		rooms: []string{
			"pipeline/project",
		},
		others: []string{
			"github.com/zalando/go-keyring",
		},
	},
	"pipeline/feed": {
		rooms: []string{
			"pipeline/project",
		},
		others: []string{
			"github.com/pkg/sftp",
			"golang.org/x/crypto/ssh",
			"github.com/minio/minio-go/v7",
			"github.com/Azure/azure-sdk-for-go/sdk",
		},
	},
	"pipeline/tell": {
		rooms: []string{
			"pipeline/project",
		},
		others: []string{
			"go.opentelemetry.io/otel",
		},
	},
	"pipeline/night": {
		rooms: []string{
			"pipeline/extsort",
			"pipeline/profile",
			"pipeline/bind",
			"pipeline/lookup",
			"pipeline/parallel",
			"pipeline/outcome",
			"pipeline",
			"pipeline/history",
			"pipeline/options",
			"pipeline/project",
			"pipeline/secret",
			"pipeline/feed",
			"pipeline/tell",
			"pipeline/source",
			"pipeline/kustomer",
			"pipeline/ledger",
			"pipeline/report",
			"mappings",
		},
	},
	"pipeline/history": {
		rooms: []string{
			"pipeline/bind",
			"pipeline/outcome",
			"pipeline",
			"pipeline/dedupe",
			"pipeline/source",
			"pipeline/ledger",
			"pipeline/report",
		},
	},
	"pipeline/source": {
		rooms: []string{
			"pipeline/unseen",
		},
		others: []string{
			"github.com/klauspost/compress",
			"golang.org/x/text",
		},
	},
	"pipeline/customer":        {rooms: []string{"pipeline/kustomer", "mappings"}},
	"pipeline/extsort":         {},
	"pipeline/dedupe":          {rooms: []string{"pipeline/extsort"}, others: []string{"golang.org/x/text"}},
	"pipeline/unseen":          {},
	"pipeline/kustomer":        {},
	"pipeline/ledger":          {others: []string{"modernc.org/sqlite", "github.com/gofrs/flock"}},
	"pipeline/report":          {others: []string{"github.com/gocarina/gocsv", "github.com/rivo/uniseg"}},
	"pipeline/report/workbook": {rooms: []string{"pipeline/report"}, others: []string{"github.com/klauspost/compress/flate"}},
	"pipeline/sandbox":         {others: []string{"modernc.org/sqlite", "github.com/gofrs/flock"}},
	"mappings": {
		rooms: []string{
			"pipeline/spelling",
			"pipeline/yamlfile",
			"pipeline/unseen",
		},
		others: []string{
			"go.yaml.in/yaml/v3",
			"github.com/nyaruka/phonenumbers",
			"github.com/expr-lang/expr",
			"golang.org/x/text",
		},
	},
	"mappings/guess": {
		rooms:  []string{"mappings", "pipeline/unseen"},
		others: []string{"github.com/agnivade/levenshtein", "golang.org/x/text"},
	},
	"schema": {
		rooms:  []string{"schema/klass"},
		others: []string{"github.com/xeipuuv/gojsonschema"},
	},
	"schema/klass":     {others: []string{"github.com/agnivade/levenshtein", "go.yaml.in/yaml/v3"}},
	"schema/engage":    {rooms: []string{"schema/klass"}, others: []string{"go.yaml.in/yaml/v3"}},
	"samples":          {},
	"samples/generate": {},
	"samples/compare":  {},
	// The peers that are measured beside muster.
	"pipeline/printable": {},
	"samples/compare/rowwise": {
		others: []string{
			"github.com/xeipuuv/gojsonschema",
			"github.com/xuri/excelize/v2",
		},
	},
}
