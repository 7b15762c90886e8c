// Passkeys: the browser's own dialogue can only be opened by a script. Loaded by the pages that ask for one.
//
//   form[data-passkey=get|create]  hidden until the browser is known to have passkeys
//     data-options                 what the server asks, JSON
//     input[name=state]            the server's own note on it
//     input[name=response]         goes back with what the browser answered
//   [data-passkey-fault]           hidden text for when the person breaks off
//   [data-passkey-none]            hidden text for browsers without passkeys
(function () {
  'use strict';
  var doc = document, born = Date.now();
  var forms = doc.querySelectorAll('form[data-passkey]');

  function show(selector, yes) {
    var list = doc.querySelectorAll(selector);
    for (var i = 0; i < list.length; i++) list[i].hidden = !yes;
  }

  if (!window.PublicKeyCredential || !navigator.credentials) {
    show('[data-passkey-none]', true);
    return;
  }
  show('form[data-passkey]', true);

  function bytes(text) {
    var raw = atob(text.replace(/-/g, '+').replace(/_/g, '/')), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  function text(buffer) {
    var raw = '', view = new Uint8Array(buffer);
    for (var i = 0; i < view.length; i++) raw += String.fromCharCode(view[i]);
    return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }

  function ids(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, {id: bytes(one.id)}); });
  }

  // What the server sent, with bytes where the browser wants bytes.
  function read(form) {
    var options = JSON.parse(form.getAttribute('data-options'));
    options.challenge = bytes(options.challenge);
    if (options.user) {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = ids(options.excludeCredentials);
    } else {
      options.allowCredentials = ids(options.allowCredentials);
    }
    return {publicKey: options};
  }

  function write(made) {
    var from = made.response, to = {clientDataJSON: text(from.clientDataJSON)};
    if (from.attestationObject) {
      to.attestationObject = text(from.attestationObject);
      if (from.getTransports) to.transports = from.getTransports();
    } else {
      to.authenticatorData = text(from.authenticatorData);
      to.signature = text(from.signature);
      if (from.userHandle) to.userHandle = text(from.userHandle);
    }
    return JSON.stringify({id: made.id, rawId: text(made.rawId), type: made.type, response: to});
  }

  // A page that has lain open for long gets a new question from a fresh copy of itself.
  function renew(form) {
    if (Date.now() - born < 8 * 60 * 1000) return Promise.resolve();
    return new Promise(function (done, fail) {
      var request = new XMLHttpRequest();
      request.responseType = 'document'; // unlike text that is parsed here, this is no way in for a script
      request.onload = function () {
        var fresh = request.response && request.response.querySelector('form[data-passkey=' + form.getAttribute('data-passkey') + ']');
        if (!fresh) { location.reload(); return; }
        form.setAttribute('data-options', fresh.getAttribute('data-options'));
        form.elements.state.value = fresh.elements.state.value;
        born = Date.now();
        done();
      };
      request.onerror = fail;
      request.open('GET', location.href);
      request.send();
    });
  }

  function ask(form) {
    var button = form.querySelector('button');
    button.disabled = true;
    show('[data-passkey-fault]', false);
    renew(form).then(function () {
      var credentials = navigator.credentials;
      return form.getAttribute('data-passkey') === 'create' ? credentials.create(read(form)) : credentials.get(read(form));
    }).then(function (made) {
      form.elements.response.value = write(made);
      form.submit();
    }).catch(function () {
      button.disabled = false;
      show('[data-passkey-fault]', true);
    });
  }

  for (var i = 0; i < forms.length; i++) {
    forms[i].addEventListener('submit', function (event) {
      event.preventDefault();
      event.stopPropagation(); // the guard against double clicks would swallow a second try
      ask(event.target);
    });
  }
})();
