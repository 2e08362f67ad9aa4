// Package pipeline is the way of data, and this page shows both passes of it:
//
//	          ┌───────────── survey: nothing is sent ─────────────┐        ┌──── second, in the mode's way ──────────┐
//	files ──▶ source ──▶ bind ──▶ check ──▶ profile, dedupe ──▶ gate ──▶ source … check, link ──▶ deliver ──▶ Kustomer
//	          row.*               cell.*    column.*            limits,                           created, updated,
//	                              schema.*  identity.*          damage                            rejected, unknown
//	                    every outcome ──▶ reconcile ──▶ ledger, report
//
// [Run] is the one function where the whole way can be read. What a run is for is its [Mode]: a [Check] ends behind the
// survey, an import delivers, a plan says what would be delivered. Each stage is a room of its own whose methods are
// tested without a goroutine; only pipeline.go and package parallel start any, and make channels between stages. Who
// looks back at a run, to read it back or to undo it, has its rows again by way of [Reopen].
package pipeline
