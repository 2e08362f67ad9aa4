package sandbox

import (
	"context"
	"encoding/json"
)

// Customer is one customer as it is stored, for tests that compare what arrived.
type Customer struct {
	ID         string // 24 hex digits
	Rev        int64
	Deleted    bool
	Attributes json.RawMessage // data.attributes as a GET gives them
}

// Dump returns every customer that is not deleted, in the order of creation. It reads the whole org into memory.
func (s *Server) Dump(ctx context.Context) ([]Customer, error) { return nil, nil }

// Count returns how many customers are not deleted.
func (s *Server) Count(ctx context.Context) (int, error) { return 0, nil }

// Workflows returns how often a workflow or webhook on customers would have fired since Start.
func (s *Server) Workflows() int64 { return 0 }
