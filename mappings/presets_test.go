package mappings

import "testing"

func TestPresetsParse(t *testing.T) {
	names, err := presetFiles.ReadDir("presets")
	if err != nil || len(names) < 20 {
		t.Fatal(len(names), err)
	}
	for _, one := range names {
		name := one.Name()[:len(one.Name())-len(".yaml")]
		m, err := Parse(name, PresetFile(name))
		if err != nil {
			t.Error(err)
		} else if m.Match == nil || m.Match.Name == "" {
			t.Errorf("%s does not say how it is recognised", name)
		}
	}
}
