package pipeline

import (
	"context"

	"muster/pipeline/report/workbook"
	"muster/pipeline/source"
)

// SurveyWith surveys the inputs of a run through the readers that wrap makes of theirs.
func SurveyWith(ctx context.Context, c Config, wrap func(source.Reader) source.Reader) (err error) {
	c = c.withDefaults()
	r, err := prepare(ctx, &c)
	if err != nil {
		return err
	}
	defer r.close()
	for _, in := range r.inputs {
		if err := in.Reopen(); err != nil {
			return err
		}
		in.Reader = wrap(in.Reader)
	}
	surveyed, err := r.survey(ctx)
	_, err = r.finish(ctx, surveyed, err)
	return err
}

// Packers is packers.
func Packers(ctx context.Context, workers int) workbook.Packers { return packers(ctx, workers) }
