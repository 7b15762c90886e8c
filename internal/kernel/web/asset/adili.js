// The script of every page. Every page works without it; it does two small things for people who answer, and one
// for everybody: a form is not sent twice by a double click.
//
// Hooks in the pages:
//   input[name=code]        takes the code that a link carries behind the # sign
//   [data-start]            the first page of a survey: forget that somebody answered on this machine
//   form[data-answers=URL]  a page with answers: when the answers of this tab were sent, go to URL instead
//   [data-done]             the thank-you page: remember, for this tab only, that the answers were sent
(function () {
  'use strict';
  var doc = document;
  var key = 'adili-done';
  var form = doc.querySelector('form[data-answers]');

  // 1. The code. What stands behind # never reaches a server or its logs; it goes into the form and out of the address bar,
  // and along when the reader changes the language.
  function takeCode() {
    var field = doc.querySelector('input[name=code]');
    var hash = location.hash.slice(1);
    if (!field || !hash || doc.getElementById(hash)) return;
    try { field.value = decodeURIComponent(hash); } catch (e) { field.value = hash; }
    var links = doc.querySelectorAll('a[hreflang]');
    for (var i = 0; i < links.length; i++) links[i].hash = hash;
    history.replaceState(null, '', location.pathname + location.search);
  }
  takeCode();
  addEventListener('hashchange', takeCode);

  // 2. The next person at a shared phone or office computer must not see answers by going back.
  function leave() {
    try {
      if (doc.querySelector('[data-start]')) sessionStorage.removeItem(key);
      if (doc.querySelector('[data-done]')) sessionStorage.setItem(key, '1');
      if (form && sessionStorage.getItem(key)) {
        form.hidden = true;
        location.replace(form.getAttribute('data-answers'));
      }
    } catch (e) {
      // storage is switched off: the server's no-store still holds
    }
  }
  leave();
  // A page that the browser kept whole comes back without running the script again. Before sending it is shown as it
  // was, with the answers so far.
  addEventListener('pageshow', function (event) {
    if (event.persisted) leave();
  });

  // 3. A second tap while the first is on its way over a slow line, or a file is being read, does nothing for a few
  // seconds.
  var last = null, sent = 0;
  addEventListener('submit', function (event) {
    var post = event.target;
    if (post.getAttribute('method') !== 'post') return;
    var now = Date.now();
    if (post === last && now - sent < 5000) event.preventDefault();
    else { last = post; sent = now; }
  });
  addEventListener('pageshow', function () { last = null; });
})();
