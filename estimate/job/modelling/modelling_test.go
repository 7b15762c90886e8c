package modelling

import (
	"testing"

	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, Estimators()) }
