// Sources and their one accepted spelling: section 7.

import { Refusal } from './refusal.js';

const LONGEST = 2048;
const FORBIDDEN_IN_SEGMENT = /[/\\\u0000-\u001f\u007f-\u009f]/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const URL_TEXT = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/;

const unsupported = () => new Refusal('unsupported_source');

/** Reads a source; the folder may be undefined. */
export function parseSource(original, folder) {
  if (Buffer.byteLength(original) > LONGEST) throw unsupported();
  if (original.startsWith('files:')) {
    const name = segment(original.slice('files:'.length));
    if (folder === undefined) throw new Refusal('inconsistent_payload');
    return { files: { folder: segment(folder), name } };
  }
  const source = original.startsWith('private:')
    ? { private: { key: objectKey(original.slice('private:'.length)) } }
    : { https: { host: httpsHost(original) } };
  if (folder !== undefined) throw new Refusal('inconsistent_payload');
  return source;
}

function segment(name) {
  const length = Buffer.byteLength(name);
  const fine =
    length >= 1 &&
    length <= 255 &&
    name.isWellFormed() &&
    !name.startsWith('.') &&
    !FORBIDDEN_IN_SEGMENT.test(name);
  if (!fine) throw unsupported();
  return name;
}

function objectKey(key) {
  key.split('/').forEach(segment);
  return key;
}

function httpsHost(url) {
  // `$` without the flag m matches at the very end alone.
  const parts = /^https:\/\/([^/:]*)(?::([^/]*))?(\/[^?]*)((?:\?[^]*)?)$/.exec(url);
  if (parts === null) throw unsupported();
  const [, host, port, path, query] = parts;
  const fine =
    isDnsName(host) &&
    (port === undefined || isPort(port)) &&
    URL_TEXT.test(path) &&
    URL_TEXT.test(query) &&
    !path.split('/').some(isDotSegment);
  if (!fine) throw unsupported();
  return host;
}

export function isDnsName(host) {
  const labels = host.split('.');
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && /^[a-z]/.test(labels.at(-1));
}

function isPort(port) {
  return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535 && port !== '443';
}

function isDotSegment(text) {
  const plain = text.replaceAll(/%2e/gi, '.');
  return plain === '.' || plain === '..';
}
