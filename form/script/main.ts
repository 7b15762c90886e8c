// What pages call: adiliForm.start to fill in a questionnaire, and the parts
// that tests compare with those of Go.

export { asBool, asNumber, asText, evaluate, load } from "./expr";
export { start } from "./run";
