package sandbox

import (
	"context"
	"encoding/json"
	"errors"
)

// Customer is one customer as it is stored, for tests that compare what arrived.
type Customer struct {
	ID         string // 24 hex digits
	Rev        int64
	Deleted    bool
	Author     string          // id of the user who created it
	Document   json.RawMessage // the written fields as they were sent, null and transient ones left out
	Attributes json.RawMessage // data.attributes as a GET gives them
}

// Dump returns every customer that is not deleted, in the order of creation. It reads the whole org into memory.
func (s *Server) Dump(ctx context.Context) ([]Customer, error) {
	found, err := s.records(ctx, "select "+customerColumns+" from customers where deleted=0 order by row")
	if err != nil {
		return nil, err
	}
	all := make([]Customer, 0, len(found))
	for _, one := range found {
		attributes, err := s.present.attributes(one)
		if err != nil {
			return nil, err
		}
		all = append(all, Customer{s.store.seed.id(customerKind, one.row), one.rev, one.deleted, one.author, one.document,
			attributes})
	}
	return all, nil
}

// Count returns how many customers are not deleted.
func (s *Server) Count(ctx context.Context) (n int, err error) {
	err = s.store.reads.QueryRowContext(ctx, "select count(*) from customers where deleted=0").Scan(&n)
	return n, err
}

// Unfinished returns how many accepted jobs are not finished.
func (s *Server) Unfinished(ctx context.Context) (n int, err error) {
	err = s.store.reads.QueryRowContext(ctx, "select count(*) from jobs where state<>2").Scan(&n)
	return n, err
}

// Workflows returns how often a workflow or webhook on customers would have fired since Start.
func (s *Server) Workflows() int64 { return s.fired.Load() }

// Company is one company as it is stored.
type Company struct {
	ID       string
	Author   string          // id of the user who created it
	Document json.RawMessage // the written fields as they were sent
}

// Companies returns every company that is not deleted, in the order of creation.
func (s *Server) Companies(ctx context.Context) (all []Company, err error) {
	rows, err := s.store.reads.QueryContext(ctx, "select row, author, document from companies where true"+notDeleted+
		" order by row")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row int64
		var one Company
		if err := rows.Scan(&row, &one.Author, (*[]byte)(&one.Document)); err != nil {
			return nil, err
		}
		one.ID = s.store.seed.id(companyKind, row)
		all = append(all, one)
	}
	return all, rows.Err()
}

// Conversation is one conversation as it is stored.
type Conversation struct {
	ID       string
	Rev      int64
	Document json.RawMessage // the written fields as they were sent
}

// Conversations returns every conversation that is not deleted, in the order of their ids.
func (s *Server) Conversations(ctx context.Context) (all []Conversation, err error) {
	rows, err := s.store.reads.QueryContext(ctx, "select id, rev, document from conversations where true"+notDeleted+
		" order by id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Conversation
		if err := rows.Scan(&one.ID, &one.Rev, (*[]byte)(&one.Document)); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
