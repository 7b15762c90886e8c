// The editor of questionnaires works without this script. It adds: saving while one types, moving questions by keys and
// by pointer, undoing by keys, and a preview that follows.
//
//   form[data-autosave]       is sent a moment after a change; the answer is the page as it stands then
//   [data-reshape]            a field whose change gives the form other fields: the page is loaded anew
//   #saved                    says how saving goes, in the words of its data-saving, data-saved and data-failed
//   [data-part]               is taken over from the answer, unless somebody is at work in it
//   a[data-item]              a question in the outline: Alt and arrows move it, a pointer drags it
//   form#move                 moves a question: item, by or before
//   form#undo, form#redo      Ctrl+Z and Ctrl+Y or Ctrl+Shift+Z outside of fields
//   iframe#phone              the preview
(function () {
  'use strict';
  var doc = document, saved = doc.getElementById('saved'), timer = 0, sending = false, again = null;
  if (!saved) return;

  function each(selector, within, f) { Array.prototype.forEach.call(within.querySelectorAll(selector), f); }
  function say(what) { saved.textContent = saved.getAttribute('data-' + what); }

  // What stands under a field is wrong with it; what the field holds stays as it is typed.
  function faults(fresh) {
    each('.field[data-field]', doc, function (field) {
      var other = fresh.querySelector('.field[data-field="' + field.getAttribute('data-field') + '"]');
      each('.error', field, function (e) { e.remove(); });
      var error = other && other.querySelector('.error');
      field.classList.toggle('wrong', !!error);
      if (error) field.insertBefore(doc.adoptNode(error), field.querySelector('input, select, textarea'));
    });
  }

  // Takes the parts that may have changed from the page that came back.
  function take(fresh) {
    var focus = doc.activeElement && doc.activeElement.id;
    each('[data-part]', doc, function (part) {
      var other = fresh.getElementById(part.id);
      if (!other || part.contains(doc.activeElement) && !part.hasAttribute('data-kept')) return;
      part.parentNode.replaceChild(doc.adoptNode(other), part);
    });
    var revision = fresh.querySelector('input[name=revision]');
    if (revision) each('input[name=revision]', doc, function (field) { field.value = revision.value; });
    faults(fresh);
    var back = focus && doc.getElementById(focus);
    if (back && back !== doc.activeElement) back.focus();
    var phone = doc.getElementById('phone');
    if (phone) phone.contentWindow.location.reload();
  }

  function send(form, then) {
    if (sending) { again = form; return; }
    sending = true;
    say('saving');
    var body = new URLSearchParams(new FormData(form)), request = new XMLHttpRequest();
    request.responseType = 'document'; // unlike text that is parsed here, this is no way in for a script
    function done(ok) {
      sending = false;
      say(ok ? 'saved' : 'failed');
      if (again) { var next = again; again = null; send(next); }
      else if (then) then();
    }
    request.onload = function () {
      var fresh = request.response;
      // Somebody else was faster: the page that compares both is shown, and nothing is overwritten unseen.
      if (request.status === 409) { sending = false; form.submit(); return; }
      if (!fresh || !fresh.getElementById('saved')) { done(false); return; }
      take(fresh);
      done(request.status < 400);
    };
    request.onerror = function () { done(false); };
    request.open('POST', form.getAttribute('action')); // form.action may be a field of that name
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.send(body);
  }

  function later(form, wait) {
    clearTimeout(timer);
    timer = setTimeout(function () { timer = 0; send(form); }, wait);
  }

  doc.addEventListener('input', function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute('data-autosave') && !event.target.hasAttribute('data-reshape')) later(form, 900);
  });
  doc.addEventListener('change', function (event) {
    var form = event.target.form;
    if (!form || !form.hasAttribute('data-autosave')) return;
    if (event.target.hasAttribute('data-reshape')) { clearTimeout(timer); form.requestSubmit(); return; }
    later(form, 200);
  });
  doc.addEventListener('submit', function () { clearTimeout(timer); timer = 0; });
  addEventListener('beforeunload', function (event) { if (timer) event.preventDefault(); });

  // Moving a question.
  function move(item, by, before) {
    var form = doc.getElementById('move');
    if (!form) return;
    form.querySelector('[name=item]').value = item; // elements.item is a method
    form.querySelector('[name=by]').value = by;
    form.querySelector('[name=before]').value = before;
    send(form);
  }
  doc.addEventListener('keydown', function (event) {
    var link = event.target.closest('a[data-item]');
    if (link && event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      move(link.getAttribute('data-item'), event.key === 'ArrowUp' ? '-1' : '1', '');
      return;
    }
    if (!(event.ctrlKey || event.metaKey) || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    var key = event.key.toLowerCase(), form = null;
    if (key === 'z') form = doc.getElementById(event.shiftKey ? 'redo' : 'undo');
    if (key === 'y') form = doc.getElementById('redo');
    if (form) { event.preventDefault(); form.requestSubmit(); }
  });
  var dragged = '';
  doc.addEventListener('dragstart', function (event) {
    var link = event.target.closest && event.target.closest('a[data-item]');
    dragged = link ? link.getAttribute('data-item') : '';
  });
  function over(event) {
    var link = dragged && event.target.closest && event.target.closest('a[data-item]');
    each('.drop', doc, function (e) { e.classList.remove('drop'); });
    if (!link || link.getAttribute('data-item') === dragged) return null;
    event.preventDefault();
    link.classList.add('drop');
    return link;
  }
  doc.addEventListener('dragover', over);
  doc.addEventListener('drop', function (event) {
    var link = over(event);
    if (link) { link.classList.remove('drop'); move(dragged, '', link.getAttribute('data-item')); }
    dragged = '';
  });
})();
