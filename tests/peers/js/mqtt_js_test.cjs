// MQTT.js against the broker at MQTT_HOST and MQTT_PORT. Run by `node --test`. MQTT_SCHEME says over what: mqtt (if
// it is absent), mqtts, ws or wss; MQTT_CERTIFICATES names the folder of the authority's certificate.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const mqtt = require('mqtt')

const { MQTT_SCHEME: scheme = 'mqtt', MQTT_HOST: host, MQTT_PORT: port, MQTT_CERTIFICATES: folder } = process.env
const url = `${scheme}://${host}:${port}/mqtt`
const trust = folder ? { ca: fs.readFileSync(path.join(folder, 'ca.pem')) } : {}
const timeout = 60000

let count = 0
const unique = (what) => `js-${what}-${++count}`

/** A client with its messages in a queue; `receive` waits for the next. */
class Client {
  constructor (version, options = {}) {
    this.queue = []
    this.waiting = []
    this.mqtt = mqtt.connect(url, {
      protocolVersion: version,
      clientId: unique('client'),
      reconnectPeriod: 0,
      ...trust,
      ...options
    })
    this.mqtt.on('error', () => {})
    this.mqtt.on('message', (topic, payload, packet) => {
      const message = { topic, payload, qos: packet.qos, retain: packet.retain, properties: packet.properties }
      const next = this.waiting.shift()
      if (next) next(message)
      else this.queue.push(message)
    })
  }

  static async connected (t, version, options) {
    const client = new Client(version, options)
    t.after(() => client.mqtt.end(true))
    const [connack] = await once(client.mqtt, 'connect')
    client.connack = connack
    return client
  }

  receive () {
    if (this.queue.length) return Promise.resolve(this.queue.shift())
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  async payloads (number) {
    const result = []
    while (result.length < number) result.push((await this.receive()).payload.toString())
    return result
  }

  publish (topic, payload, options = { qos: 2 }) { return this.mqtt.publishAsync(topic, payload, options) }

  async subscribe (filter, options = { qos: 2 }) {
    const granted = await this.mqtt.subscribeAsync(filter, options)
    return granted[0].qos
  }
}

const numbers = (n) => Array.from({ length: n }, (_, i) => String(i))

for (const [name, version] of [['3.1.1', 4], ['5.0', 5]]) {
  const session = version === 5 ? { clean: false, properties: { sessionExpiryInterval: 60 } } : { clean: false }
  const scenario = (title, run) => test(`${name}: ${title}`, { timeout }, run)

  scenario('messages of each QoS arrive in order, both ways at once', async (t) => {
    const [left, right] = [await Client.connected(t, version), await Client.connected(t, version)]
    const [toLeft, toRight] = [unique('left'), unique('right')]
    assert.equal(await left.subscribe(toLeft), 2)
    assert.equal(await right.subscribe(toRight), 2)
    for (const qos of [0, 1, 2]) {
      const sent = numbers(300).flatMap((i) => [left.publish(toRight, i, { qos }), right.publish(toLeft, i, { qos })])
      assert.deepEqual(await right.payloads(300), numbers(300))
      assert.deepEqual(await left.payloads(300), numbers(300))
      await Promise.all(sent)
    }
  })

  scenario('the lower QoS counts', async (t) => {
    const client = await Client.connected(t, version)
    const topic = unique('topic')
    for (const granted of [0, 1, 2]) {
      assert.equal(await client.subscribe(topic, { qos: granted }), granted)
      for (const qos of [0, 1, 2]) {
        await client.publish(topic, 'x', { qos })
        assert.equal((await client.receive()).qos, Math.min(qos, granted))
      }
    }
  })

  scenario('a retained message waits, and goes when it is emptied', async (t) => {
    const writer = await Client.connected(t, version)
    const topic = unique('topic')
    await writer.publish(topic, 'kept', { qos: 1, retain: true })
    const reader = await Client.connected(t, version)
    await reader.subscribe(topic)
    const kept = await reader.receive()
    assert.deepEqual([kept.payload.toString(), kept.retain], ['kept', true])
    await writer.publish(topic, '', { qos: 1, retain: true })
    const late = await Client.connected(t, version)
    await late.subscribe(topic)
    await writer.publish(topic, 'live')
    const live = await late.receive()
    assert.deepEqual([live.payload.toString(), live.retain], ['live', false])
  })

  scenario('a Will is published for a connection that breaks only', async (t) => {
    const witness = await Client.connected(t, version)
    const topic = unique('will')
    await witness.subscribe(topic)
    const inOrder = await Client.connected(t, version, { will: { topic, payload: Buffer.from('wrong'), qos: 1 } })
    await inOrder.mqtt.endAsync()
    const lost = await Client.connected(t, version, { will: { topic, payload: Buffer.from('right'), qos: 1, retain: true } })
    lost.mqtt.stream.destroy()
    const message = await witness.receive()
    assert.deepEqual([message.payload.toString(), message.qos], ['right', 1])
  })

  scenario('a shared subscription gives each message to one member', async (t) => {
    const topic = unique('topic')
    const members = [await Client.connected(t, version), await Client.connected(t, version)]
    for (const member of members) assert.equal(await member.subscribe(`$share/group/${topic}`, { qos: 1 }), 1)
    const writer = await Client.connected(t, version)
    await Promise.all(numbers(100).map((i) => writer.publish(topic, i, { qos: 1 })))
    const shares = await Promise.all(members.map((member) => member.payloads(50)))
    assert.deepEqual(shares.flat().map(Number).sort((a, b) => a - b).map(String), numbers(100))
  })

  scenario('large payloads arrive whole', async (t) => {
    const topic = unique('topic')
    const [writer, reader] = [await Client.connected(t, version), await Client.connected(t, version)]
    await reader.subscribe(topic)
    const payload = Buffer.alloc(1 << 20, Buffer.from(Array.from({ length: 251 }, (_, i) => i)))
    for (const qos of [0, 1, 2]) {
      const sent = writer.publish(topic, payload, { qos })
      assert.ok((await reader.receive()).payload.equals(payload))
      await sent
    }
  })

  scenario('a session is resumed with what it missed', async (t) => {
    const topic = unique('topic')
    const sleeper = await Client.connected(t, version, session)
    assert.equal(sleeper.connack.sessionPresent, false)
    await sleeper.subscribe(topic)
    await sleeper.mqtt.endAsync()
    const writer = await Client.connected(t, version)
    await Promise.all(numbers(200).map((i) => writer.publish(topic, i)))
    const back = await Client.connected(t, version, { ...session, clientId: sleeper.mqtt.options.clientId })
    assert.equal(back.connack.sessionPresent, true)
    assert.deepEqual(await back.payloads(200), numbers(200))
  })

  scenario('a connection that breaks again and again loses and doubles nothing', async (t) => {
    const topic = unique('topic')
    const reader = await Client.connected(t, version, { ...session, reconnectPeriod: 10, resubscribe: false })
    const writer = await Client.connected(t, version, { ...session, reconnectPeriod: 10 })
    await reader.subscribe(topic)
    const sent = numbers(400).map((i) => writer.publish(topic, i))
    const received = []
    while (received.length < 400) {
      received.push((await reader.receive()).payload.toString())
      if (received.length % 100 === 50) {
        const cut = received.length % 200 === 50 ? reader : writer
        cut.mqtt.stream.destroy()
        const [connack] = await once(cut.mqtt, 'connect')
        assert.equal(connack.sessionPresent, true)
      }
    }
    await Promise.all(sent)
    assert.deepEqual(received.map(Number).sort((a, b) => a - b).map(String), numbers(400))
  })
}

test('5.0: properties arrive', { timeout }, async (t) => {
  const topic = unique('topic')
  const client = await Client.connected(t, 5)
  await client.subscribe(topic, { qos: 1, properties: { subscriptionIdentifier: 300 } })
  await client.publish(topic, '{}', {
    qos: 1,
    properties: {
      contentType: 'application/json',
      responseTopic: 'answers',
      correlationData: Buffer.from([0, 255]),
      messageExpiryInterval: 600,
      payloadFormatIndicator: true,
      userProperties: { colour: ['blue', 'green'] }
    }
  })
  const { properties } = await client.receive()
  assert.equal(properties.contentType, 'application/json')
  assert.equal(properties.responseTopic, 'answers')
  assert.deepEqual(properties.correlationData, Buffer.from([0, 255]))
  assert.ok(properties.messageExpiryInterval > 500 && properties.messageExpiryInterval <= 600)
  assert.equal(properties.payloadFormatIndicator, true)
  assert.deepEqual({ ...properties.userProperties }, { colour: ['blue', 'green'] })
  assert.equal(properties.subscriptionIdentifier, 300)
})

test('5.0: topic aliases both ways', { timeout }, async (t) => {
  const reader = await Client.connected(t, 5, { properties: { topicAliasMaximum: 2 } })
  const writer = await Client.connected(t, 5, { autoUseTopicAlias: true, autoAssignTopicAlias: true })
  assert.equal(writer.connack.properties.topicAliasMaximum, 10)
  const root = unique('root')
  await reader.subscribe(`${root}/#`)
  const topics = Array.from({ length: 60 }, (_, i) => `${root}/${i % 15}`)
  // With QoS 2, MQTT.js forgets what an alias of a message that arrives stood for.
  for (const topic of topics) await writer.publish(topic, topic, { qos: 1 })
  for (const topic of topics) {
    const message = await reader.receive()
    assert.deepEqual([message.topic, message.payload.toString()], [topic, topic])
  }
})

test('5.0: the client that is taken over is told why', { timeout }, async (t) => {
  const first = await Client.connected(t, 5)
  const told = once(first.mqtt, 'disconnect')
  await Client.connected(t, 5, { clientId: first.mqtt.options.clientId })
  const [packet] = await told
  assert.equal(packet.reasonCode, 0x8e)
})

test('5.0: a request finds its answer', { timeout }, async (t) => {
  const [asking, answering] = [await Client.connected(t, 5), await Client.connected(t, 5)]
  const [requests, answers] = [unique('requests'), unique('answers')]
  await asking.subscribe(answers)
  await answering.subscribe(requests)
  await asking.publish(requests, '6*7', { qos: 1, properties: { responseTopic: answers, correlationData: Buffer.from('7') } })
  const { properties } = await answering.receive()
  await answering.publish(properties.responseTopic, '42', { qos: 1, properties: { correlationData: properties.correlationData } })
  const answer = await asking.receive()
  assert.deepEqual([answer.payload.toString(), answer.properties.correlationData.toString()], ['42', '7'])
})
