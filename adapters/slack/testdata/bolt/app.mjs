// A small app on Slack's own framework. It does what schoolbel does, so that the
// fake Slack meets a second client that nobody here wrote.
import bolt from '@slack/bolt';

const { App, SocketModeReceiver } = bolt;
const { API_URL, BOT_TOKEN, SIGNING_SECRET, APP_TOKEN } = process.env;
const clientOptions = { slackApiUrl: API_URL, retryConfig: { retries: 0 } };
const routes = ['/slack/events', '/slack/commands', '/slack/interactions'];

const app = new App({
  token: BOT_TOKEN,
  clientOptions,
  logLevel: 'error',
  ...(APP_TOKEN
    ? { receiver: new SocketModeReceiver({ appToken: APP_TOKEN, logLevel: 'error', installerOptions: { clientOptions } }) }
    : { signingSecret: SIGNING_SECRET, endpoints: routes, processBeforeResponse: true }),
});

const button = (label, value) => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: 'press', value, text: { type: 'plain_text', text: label } }],
});

app.message(async ({ message, client }) => {
  const posted = await client.chat.postMessage({
    channel: message.channel,
    thread_ts: message.thread_ts,
    text: `heard ${message.text}`,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `heard ${message.text}` } }, button('Take', 'INC-1 take')],
    metadata: { event_type: 'schoolbel', event_payload: { delivery: 'bolt-1', ref: 'INC-1' } },
  });
  const history = await client.conversations.history({ channel: message.channel, include_all_metadata: true });
  const found = history.messages.find((m) => m.metadata?.event_payload?.delivery === 'bolt-1');
  if (!message.thread_ts && found?.ts !== posted.ts) throw new Error('the message is not in the history');
});

app.event('app_mention', async ({ event, say }) => {
  await say({ text: `mentioned by ${event.user}`, thread_ts: event.ts });
});

app.action('press', async ({ ack, action, body, client }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `pressed ${action.value}`, blocks: [] });
});

app.command('/schoolbel', async ({ ack, command, client }) => {
  await ack();
  await client.views.open({
    trigger_id: command.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'form',
      private_metadata: command.channel_id,
      title: { type: 'plain_text', text: 'A form' },
      submit: { type: 'plain_text', text: 'Send' },
      blocks: [
        {
          type: 'input',
          block_id: 'note',
          label: { type: 'plain_text', text: 'What is it?' },
          element: { type: 'plain_text_input', action_id: 'note' },
        },
      ],
    },
  });
});

app.view('form', async ({ ack, view, body, client }) => {
  await ack();
  const { user } = await client.users.info({ user: body.user.id });
  await client.chat.postMessage({
    channel: view.private_metadata,
    text: `${user.profile.email} wrote ${view.state.values.note.note.value}`,
  });
});

app.shortcut('report_message', async ({ ack, shortcut, client }) => {
  await ack();
  await client.chat.postEphemeral({ channel: shortcut.channel.id, user: shortcut.user.id, text: `reported ${shortcut.message.text}` });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Home' } }] },
  });
});

app.error(async (error) => {
  console.error(error);
});

const server = await app.start(APP_TOKEN ? undefined : { port: 0, host: '127.0.0.1' });
console.log(`ready ${APP_TOKEN ? '' : server.address().port}`);
