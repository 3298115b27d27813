// A receiver written with @wecom/crypto, as its README shows: opens callbacks, and seals replies.
// It reads a request from each line of stdin and writes an answer to a line of stdout, both in JSON.
// An answer is {"ok": …} or {"error": "Name: text"}.
const { createInterface } = require('node:readline');
const { createRequire } = require('node:module');

// The package is below the target folder, not beside this file.
const installed = createRequire(`${process.argv[2]}/package.json`);
const { decrypt, encrypt, getSignature } = installed('@wecom/crypto');

const verbs = {
  // The package has no parser: the caller finds the ciphertext.
  receive: (request) => opened(request, encrypted(request.body)),
  check_url: (request) => opened(request, request.echostr),
  reply(request) {
    const ciphertext = encrypt(request.key, request.text, request.receive_id);
    const signature = getSignature(request.token, request.timestamp, request.nonce, ciphertext);
    return `<xml><Encrypt>${ciphertext}</Encrypt><MsgSignature>${signature}</MsgSignature>`
      + `<TimeStamp>${request.timestamp}</TimeStamp><Nonce>${request.nonce}</Nonce></xml>`;
  },
};

function opened({ token, key, timestamp, nonce, msg_signature: expected }, ciphertext) {
  // The package computes the signature. Comparing it is the caller's work.
  if (getSignature(token, timestamp, nonce, ciphertext) !== expected) throw new Error('signature');
  const { message, id } = decrypt(key, ciphertext);
  return { message, id };
}

function encrypted(body) {
  if (body.startsWith('{')) return JSON.parse(body).encrypt;
  return /<Encrypt><!\[CDATA\[(.*?)\]\]><\/Encrypt>/s.exec(body)[1];
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { ok: verbs[request.verb](request) };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  console.log(JSON.stringify(answer));
});
