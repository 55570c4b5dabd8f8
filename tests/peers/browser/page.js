// What the page does whom browser_test.py drives: runs every scenario against every broker that /jobs names, and
// posts to /result what came of each: "" or the reason why it failed.
'use strict'

const patience = 20000

function check (holds, what) {
  if (!holds) throw new Error(what)
}

function equal (actual, expected, what) {
  check(JSON.stringify(actual) === JSON.stringify(expected), `${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
}

function event (emitter, name) {
  return new Promise((resolve) => emitter.once(name, resolve))
}

function inTime (promise, what) {
  const late = new Promise((resolve, reject) => setTimeout(() => reject(new Error(`waited in vain: ${what}`)), patience))
  return Promise.race([promise, late])
}

let count = 0
const unique = (what) => `browser-${what}-${++count}`

/** A client with its messages in a queue; `receive` waits for the next. */
class Client {
  constructor (url, version, options) {
    this.queue = []
    this.waiting = []
    this.mqtt = mqtt.connect(url, { protocolVersion: version, clientId: unique('client'), reconnectPeriod: 0, ...options })
    this.mqtt.on('error', () => {})
    this.mqtt.on('message', (topic, payload, packet) => {
      const next = this.waiting.shift()
      if (next) next({ payload, qos: packet.qos })
      else this.queue.push({ payload, qos: packet.qos })
    })
  }

  static async connected (url, version, options = {}) {
    const client = new Client(url, version, options)
    client.connack = await event(client.mqtt, 'connect')
    return client
  }

  receive () {
    if (this.queue.length) return Promise.resolve(this.queue.shift())
    return new Promise((resolve) => this.waiting.push(resolve))
  }
}

function bytes (size) {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff)
}

function same (a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

async function exchange (url, version) {
  const [reader, writer] = [await Client.connected(url, version), await Client.connected(url, version)]
  const topic = unique('topic')
  equal((await reader.mqtt.subscribeAsync(topic, { qos: 2 }))[0].qos, 2, 'granted QoS')
  for (const qos of [0, 1, 2]) {
    for (const size of [0, 1, 125, 126, 127, 65535, 65536, 300000]) {
      const payload = bytes(size)
      await writer.mqtt.publishAsync(topic, mqtt.Buffer ? mqtt.Buffer.from(payload) : payload, { qos })
      const message = await reader.receive()
      check(same(message.payload, payload), `${size} bytes at QoS ${qos} have changed`)
      equal(message.qos, qos, 'QoS of what arrives')
    }
  }
  await Promise.all([reader.mqtt.endAsync(), writer.mqtt.endAsync()])
}

/** A client whose connection is taken over comes back by itself, to its session. */
async function reconnect (url, version) {
  const kept = version === 5 ? { clean: false, properties: { sessionExpiryInterval: 60 } } : { clean: false }
  const topic = unique('topic')
  const first = await Client.connected(url, version, { ...kept, reconnectPeriod: 50, resubscribe: false })
  equal(first.connack.sessionPresent, false, 'a session')
  await first.mqtt.subscribeAsync(topic, { qos: 1 })
  const back = event(first.mqtt, 'connect')
  await Client.connected(url, version, { ...kept, clientId: first.mqtt.options.clientId })
  equal((await back).sessionPresent, true, 'a session')
  await first.mqtt.publishAsync(topic, 'again', { qos: 1 })
  equal((await first.receive()).payload.toString(), 'again', 'what arrives')
  await first.mqtt.endAsync()
}

/** What the browser makes of a WebSocket: the event that came first, and the socket. */
async function raw (url, protocols) {
  const socket = new WebSocket(url, protocols)
  socket.binaryType = 'arraybuffer'
  const first = await new Promise((resolve) => {
    socket.onopen = () => resolve('open')
    socket.onerror = () => resolve('error')
  })
  return [first, socket]
}

const closed = (socket) => new Promise((resolve) => { socket.onclose = (end) => resolve([end.code, end.wasClean]) })

async function subProtocols (url) {
  for (const [offered, chosen] of [[['mqtt'], 'mqtt'], [['chat', 'mqtt'], 'mqtt'], [['mqttv3.1', 'mqtt'], 'mqtt'],
    [['mqttv3.1'], 'mqttv3.1']]) {
    const [first, socket] = await raw(url, offered)
    equal([first, socket.protocol], ['open', chosen], `answer to ${offered}`)
    equal(socket.extensions, '', 'extensions, though the browser has offered some')
    socket.close()
  }
  for (const offered of [[], ['chat']]) equal((await raw(url, offered))[0], 'error', `answer to ${offered}`)
}

async function closeCodes (url) {
  const [, byUs] = await raw(url, ['mqtt'])
  const ended = closed(byUs)
  byUs.close(3000, 'enough')
  equal(await ended, [3000, true], 'the code that this side gave')

  const [, text] = await raw(url, ['mqtt'])
  const refused = closed(text)
  text.send('MQTT is binary')
  equal((await refused)[0], 1003, 'the code for text')

  const [, notConnect] = await raw(url, ['mqtt'])
  const sentAway = closed(notConnect)
  notConnect.send(Uint8Array.of(0xc0, 0x00))
  equal(await sentAway, [1000, true], 'the code of a client that is sent away')
}

async function refusal (url) {
  equal((await raw(url, ['mqtt']))[0], 'error', 'answer to another origin')
}

const scenarios = {
  'exchange, 3.1.1': (url) => exchange(url, 4),
  'exchange, 5.0': (url) => exchange(url, 5),
  'reconnect, 3.1.1': (url) => reconnect(url, 4),
  'reconnect, 5.0': (url) => reconnect(url, 5),
  'sub-protocols': subProtocols,
  'close codes': closeCodes,
  refusal
}

async function outcome (scenario, url) {
  try {
    await inTime(scenarios[scenario](url), scenario)
    return ''
  } catch (error) {
    return String(error)
  }
}

async function run () {
  const jobs = await (await fetch('/jobs')).json()
  const results = await Promise.all(jobs.map(({ scenario, url }) => outcome(scenario, url)))
  await fetch('/result', { method: 'POST', body: JSON.stringify(results) })
}

run()
