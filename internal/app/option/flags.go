package option

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// Flags are the options that a command takes on the command line. A command
// embeds it and names the groups in a tag:
//
//	type backupCommand struct {
//		option.Flags `options:"storage backup"`
//	}
//
// The environment and the file set the options of those groups too.
type Flags struct{ kong.Plugins }

// Prepare gives each Flags within the command line its flags. It is called
// before the command line is parsed.
func Prepare(commands any) error { return prepare(reflect.ValueOf(commands).Elem(), "") }

func prepare(v reflect.Value, groups string) error {
	if flags, ok := v.Addr().Interface().(*Flags); ok {
		fields, err := flagFields(strings.Fields(groups))
		if err != nil {
			return err
		}
		flags.Plugins = kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
		return nil
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Type.Kind() != reflect.Struct || !field.IsExported() {
			continue
		}
		if err := prepare(v.Field(i), field.Tag.Get("options")); err != nil {
			return fmt.Errorf("%s: %w", field.Name, err)
		}
	}
	return nil
}

// flagFields has a field for each option of the groups: a pointer, which stays
// nil where the flag is not given, or a slice.
func flagFields(groups []string) ([]reflect.StructField, error) {
	for _, g := range groups {
		if !slices.ContainsFunc(Titles, func(t struct{ Group, Title string }) bool { return t.Group == g }) {
			return nil, fmt.Errorf("there is no group of options %q", g)
		}
	}
	var fields []reflect.StructField
	for i, o := range Table {
		if !slices.Contains(groups, o.Group) {
			continue
		}
		kind := reflect.TypeFor[*string]()
		if o.List {
			kind = reflect.TypeFor[[]string]()
		}
		tag := fmt.Sprintf("name:%q group:%q help:%q placeholder:%q", o.Key, title(o.Group), o.FullHelp(), o.Holder())
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: kind, Tag: reflect.StructTag(tag)})
	}
	return fields, nil
}

func title(group string) string {
	for _, t := range Titles {
		if t.Group == group {
			return t.Title
		}
	}
	return ""
}

// Holder stands for the value in help.
func (o *Option) Holder() string {
	if len(o.Choices) > 0 {
		return strings.Join(o.Choices, "|")
	}
	return o.Type.Holder
}

// FullHelp is the help with the default.
func (o *Option) FullHelp() string {
	if o.Default == "" && o.Otherwise == "" {
		return o.Help
	}
	return o.Help + " Default: " + strings.ReplaceAll(o.defaults(), "`", "") + "."
}

// defaults says what holds where the option is not set.
func (o *Option) defaults() string {
	switch {
	case o.Default == "":
		return o.Otherwise
	case o.Otherwise == "":
		return "`" + o.Default + "`"
	}
	return "`" + o.Default + "`; " + o.Otherwise
}

// Environment is the name of the option in the environment.
func (o *Option) Environment() string {
	return "ADILI_" + strings.ToUpper(strings.ReplaceAll(o.Key, "-", "_"))
}

// groups are those the command takes, and the one that says where the data are.
func (f Flags) groups() map[string]bool {
	groups := map[string]bool{Storage: true}
	for _, plugin := range f.Plugins {
		fields := reflect.TypeOf(plugin).Elem()
		for i := range fields.NumField() {
			groups[find(fields.Field(i).Tag.Get("name")).Group] = true
		}
	}
	return groups
}

// Given is the value on the command line alone, those of a list one a line.
func (f Flags) Given(key string) string { return strings.Join(f.given()[key], "\n") }

// given are the values on the command line by key, after parsing.
func (f Flags) given() map[string][]string {
	given := map[string][]string{}
	for _, plugin := range f.Plugins {
		v := reflect.ValueOf(plugin).Elem()
		for i := range v.NumField() {
			key := v.Type().Field(i).Tag.Get("name")
			switch value := v.Field(i).Interface().(type) {
			case *string:
				if value != nil {
					given[key] = []string{*value}
				}
			case []string:
				if value != nil {
					given[key] = value
				}
			}
		}
	}
	return given
}
