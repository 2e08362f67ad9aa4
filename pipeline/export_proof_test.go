package pipeline

import (
	"context"

	"muster/pipeline/report/workbook"
	"muster/pipeline/source"
)

// SurveyWith surveys the inputs of a run through the readers that wrap makes of theirs.
func SurveyWith(ctx context.Context, c Config, wrap func(source.Reader) source.Reader) (err error) {
	c = c.withDefaults()
	r, err := prepare(ctx, &c, modeOf(&c))
	if err != nil {
		return err
	}
	defer r.close()
	for _, in := range r.Inputs {
		if err := in.Reopen(); err != nil {
			return err
		}
		in.Reader = wrap(in.Reader)
	}
	_, err = r.finish(ctx, r.survey(ctx))
	return err
}

// Packers is packers.
func Packers(ctx context.Context, workers int) workbook.Packers { return packers(ctx, workers) }
