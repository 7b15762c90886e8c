package indirect_test

import (
	"testing"

	"adili/estimate/job/frame/frametest"
	"adili/estimate/job/indirect"
)

func TestConformance(t *testing.T) { frametest.Run(t, indirect.Estimators()) }
