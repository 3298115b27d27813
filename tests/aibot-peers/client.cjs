// A bot with Tencent's SDK. The content of a text message is what it has to do. It prints a line of
// JSON for each thing that happens.
const { WSClient, generateReqId } = require(process.env.SDK || '@wecom/aibot-node-sdk');

const log = (line) => console.log(JSON.stringify(line));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const client = new WSClient({
  botId: 'aibPeer', secret: 'peer-secret', wsUrl: process.argv[2], logger: silent,
  heartbeatInterval: 200, reconnectInterval: 20,
});
const card = { card_type: 'text_notice', main_title: { title: 't' }, task_id: 'k1',
  card_action: { type: 1, url: 'https://a.example' } };

const actions = {
  async stream(frame) {
    const id = generateReqId('stream');
    await client.replyStream(frame, id, 'so far', false);
    return client.replyStream(frame, id, 'so far, so good', true);
  },
  card: (frame) => client.replyTemplateCard(frame, card),
  push: () => client.sendMessage('lisi', { msgtype: 'markdown', markdown: { content: '**hi**' } }),
  upload: () => client.uploadMedia(Buffer.alloc(600000, 7), { type: 'file', filename: 'a.bin' }),
};

async function run(name, action) {
  try {
    const result = await action();
    log({ did: name, errcode: result.errcode ?? 0, media_id: result.media_id });
  } catch (error) {
    log({ did: name, errcode: error.errcode ?? -1, error: String(error.message ?? error.errmsg) });
  }
}

client.on('authenticated', () => log({ authenticated: true }));
client.on('disconnected', (reason) => log({ disconnected: String(reason) }));
client.on('error', () => {});
client.on('message.text', (frame) => {
  const name = frame.body.text.content;
  return run(name, () => actions[name](frame));
});
client.on('event.enter_chat', (frame) =>
  run('welcome', () => client.replyWelcome(frame, { msgtype: 'text', text: { content: 'hi' } })));
client.on('event.template_card_event', (frame) =>
  run('update', () => client.updateTemplateCard(frame, card)));
client.connect();
