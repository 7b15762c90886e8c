package web

// policy says what a page may load; who may frame it is added.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; connect-src 'self'; require-trusted-types-for 'script'"

// Framing lets a staff page show others of this program in a frame, such as a questionnaire as a phone shows it.
func Framing(reply Reply) Reply {
	return Header(reply, "Content-Security-Policy", policy+"; frame-src 'self'; frame-ancestors 'none'")
}

// Framed lets a staff page be shown in a frame of this program, and of nobody else. Such a page must change nothing by a
// click that its reader cannot see.
func Framed(reply Reply) Reply {
	reply = Header(reply, "Content-Security-Policy", policy+"; frame-ancestors 'self'")
	return Header(reply, "X-Frame-Options", "SAMEORIGIN")
}
