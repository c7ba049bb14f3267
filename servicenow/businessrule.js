// Managed automatically by Neo Agent, do not edit: edits are overwritten when Neo connects.
//
// Tells Neo about every insert and update of a ticket. It runs in the transaction of whoever saves the ticket, so
// it must never fail that and never wait: everything is inside try, and the call is queued. ES5 (Rhino), global scope.
(function executeRule(current, previous /* null on insert */) {
    var PROPERTY = 'x_neoagent.callback_url';
    var CLASSES = ',incident,sc_request,sc_req_item,sc_task,change_request,problem,';
    // Not values but lists of notes; new notes are sent as "journal".
    var JOURNALS = ',work_notes,comments,comments_and_work_notes,';
    // Change with every update and say nothing about it.
    var BOOKKEEPING = ',sys_mod_count,sys_updated_on,sys_updated_by,';
    var MAX_VALUE = 8000;   // characters of one value
    var MAX_BODY = 200000;  // characters of the body, about

    var url = '';
    var room = MAX_BODY;

    function has(list, name) {
        return list.indexOf(',' + name + ',') >= 0;
    }

    // Elements are Java objects: they become text here and nowhere else.
    function text(x) {
        var s = x === null || x === undefined ? '' : String(x);
        return s.length > MAX_VALUE ? s.substring(0, MAX_VALUE) : s;
    }

    // JSON in plain ASCII: safe from every character set and line separator on the way.
    function quote(s) {
        return JSON.stringify(s).replace(/[\u007f-\uffff]/g, function (c) {
            return '\\u' + ('0000' + c.charCodeAt(0).toString(16)).slice(-4);
        });
    }

    function value(element) {
        var v = text(element);
        var d = v === '' ? '' : text(element.getDisplayValue());
        return '{"value":' + quote(v) + (d === v || d === '' ? '' : ',"display":' + quote(d)) + '}';
    }

    // Journals have their own place; what is encrypted stays in the instance.
    function sendable(element, name) {
        if (has(JOURNALS, name)) {
            return false;
        }
        try {
            return String(element.getED().getInternalType()).indexOf('password') !== 0;
        } catch (ignored) {
            return true;
        }
    }

    // Adds piece to list while there is room for it.
    function add(list, piece) {
        if (piece.length < room) {
            room -= piece.length + 1;
            list.push(piece);
        }
    }

    // The note that this update wrote, without the line that says when and who, and whether a technician wrote it.
    function note(name, author) {
        var entry = String(current[name].getJournalEntry(1));
        entry = entry.replace(/^[^\r\n]* - [^\r\n]*\)\r?\n/, '').replace(/\s+$/, '');
        return '{"element":"' + name + '","text":' + quote(text(entry)) + ',"author":' + quote(author) +
            ',"technician":' + (gs.hasRole('itil') ? 'true' : 'false') + '}';
    }

    // Signs the body with the key that is part of the address, and takes the key out of the address: what
    // travels proves the key without showing it. Where the instance has no class for that, the key itself is sent.
    function sign(request, body) {
        var key = /[?&]key=([^&]*)/.exec(url);
        if (!key) {
            return;
        }
        try {
            var now = String(new Date().getTime());
            var secret = String(GlideStringUtil.base64Encode(decodeURIComponent(key[1])));
            var mac = String(new GlideCertificateEncryption().generateMac(secret, 'HmacSHA256', now + '.' + body));
            if (!/^[A-Za-z0-9+\/]{43}=$/.test(mac)) {
                return;
            }
            request.setRequestHeader('X-Neo-Timestamp', now);
            request.setRequestHeader('X-Neo-Signature', mac);
            url = url.replace(key[0], key[0].charAt(0) === '?' ? '?signed=1' : '');
        } catch (ignored) {
            // Not on this instance.
        }
    }

    function send() {
        var table = text(current.sys_class_name);
        url = text(gs.getProperty(PROPERTY, ''));
        if (url === '' || !has(CLASSES, table)) {
            return;
        }
        var operation = text(current.operation());
        var author = text(current.sys_updated_by);
        var changes = [], journal = [], fields = [];
        var all = current.getFields();
        var i, element, name;

        if (operation === 'update' && previous) {
            for (i = 0; i < all.size(); i++) {
                element = all.get(i);
                name = String(element.getName());
                if (!has(BOOKKEEPING, name) && sendable(element, name) && element.changes()) {
                    add(changes, '{"field":' + quote(name) + ',"from":' + value(previous[name]) +
                        ',"to":' + value(element) + '}');
                }
            }
        }
        if (current.work_notes.changes()) {
            add(journal, note('work_notes', author));
        }
        if (current.comments.changes()) {
            add(journal, note('comments', author));
        }
        for (i = 0; i < all.size(); i++) {
            element = all.get(i);
            name = String(element.getName());
            if (sendable(element, name)) {
                add(fields, quote(name) + ':' + value(element));
            }
        }

        var body = '{"sys_id":' + quote(text(current.sys_id)) +
            ',"number":' + quote(text(current.number)) +
            ',"sys_mod_count":' + quote(text(current.sys_mod_count)) +
            ',"table":' + quote(table) +
            ',"operation":' + quote(operation) +
            ',"changed_by":' + quote(author) +
            ',"changed_at":' + quote(text(current.sys_updated_on)) +
            (operation === 'update' && previous ? ',"previous_at":' + quote(text(previous.sys_updated_on)) +
                ',"previous_by":' + quote(text(previous.sys_updated_by)) : '') +
            ',"changes":[' + changes.join(',') + ']' +
            ',"journal":[' + journal.join(',') + ']' +
            ',"fields":{' + fields.join(',') + '}}';

        var request = new sn_ws.RESTMessageV2();
        sign(request, body);
        request.setEndpoint(url);
        request.setHttpMethod('POST');
        request.setRequestHeader('Content-Type', 'application/json');
        request.setRequestBody(body);
        request.setHttpTimeout(10000);
        request.executeAsync();
    }

    try {
        send();
    } catch (e) {
        // The address holds a secret and may be part of the error.
        gs.error('Neo Agent: a change was not reported: ' + (url === '' ? String(e) : String(e).split(url).join('<callback url>').replace(/key=[^&\s]*/g, 'key=...')));
    }
})(current, previous);
