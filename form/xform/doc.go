// Package xform writes a questionnaire as an XForm, the XML that ODK Collect,
// ODK Web Forms and KoboToolbox run. It follows the conventions of pyxform,
// the converter behind both, so that their tools find what they expect: texts
// in itext, choice lists as secondary instances, logic in binds.
package xform
