// Package pipeline is the way of data, and this page shows both passes of it:
//
//	          ┌───────────── survey: nothing is sent ─────────────┐        ┌──── deliver, or plan, or nothing ────┐
//	files ──▶ source ──▶ bind ──▶ check ──▶ profile, dedupe ──▶ gate ──▶ source … check again ──▶ deliver ──▶ Kustomer
//	          row.*               cell.*    column.*            limits                  created, updated, rejected, unknown
//	                              schema.*  identity.*
//	                    every outcome ──▶ reconcile ──▶ ledger, report
//
// [Run] is the one function where the whole way can be read. Each stage is a room of its own whose methods are tested
// without a goroutine; only pipeline.go and package parallel start any, and make channels between stages.
package pipeline
