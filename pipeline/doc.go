// Package pipeline is the way of data: rows are read, mapped, validated, told apart by identity,
// uploaded, and called at the roll.
//
//	files ──▶ source ──rows──▶ mappings ──records──▶ schema ──▶ identity ──batches──▶ upload ──▶ Kustomer
//	           │ row.*           │ cell.*              │ schema.*   │ duplicate, unchanged  │ created, updated, rejected, unknown
//	           └───────── outcomes ────────────────────┴────────────┴───────────────────────┴──▶ reconcile ──▶ ledger, report
//
// [Run] is the one page where the whole way can be read. The stages are ordinary methods, tested
// without a goroutine: [Checker] (one block of rows: parse, map, validate), [Roll] (which rows are
// the same customer), [Batcher] (which records travel together), [Uploader] (one batch to its end)
// and [Reconciler] (every row in exactly one column). Only pipeline.go starts goroutines and makes
// channels.
package pipeline
