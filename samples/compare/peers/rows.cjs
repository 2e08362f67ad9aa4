// Node on two workers: node rows.cjs FILE, with record.schema.json beside this file. CSV is read by udsv, NDJSON by
// JSON.parse; ajv judges the records. Prints rows and invalid rows as JSON.
const { Worker, isMainThread, workerData, parentPort } = require('node:worker_threads')
const fs = require('node:fs')
const path = require('node:path')

const file = process.argv[2] ?? workerData.file
const yes = new Set(['yes', 'true', '1', 'y', 'on']), no = new Set(['no', 'false', '0', 'n', 'off'])
const number = (x) => { const n = Number(x); return Number.isNaN(n) ? x : n }
const bool = (x) => { const s = x.toLowerCase(); return yes.has(s) ? true : no.has(s) ? false : x }
const trimmed = (x) => x.trim()

function record(id, name, emails, phone, mobile, city, country, lang, zone, birthday, signedUp, tags, score, tier, vip, orders, lastOrder, profile, notes, twitter) {
  const r = {}, custom = { sourceStr: 'old CRM' }, home = { type: 'home' }, phones = []
  if (id) r.externalId = id
  if (name) r.name = name
  if (emails) r.emails = emails.map((email) => ({ email }))
  if (phone) phones.push({ phone, type: 'home' })
  if (mobile) phones.push({ phone: mobile, type: 'mobile' })
  if (phones.length) r.phones = phones
  if (city) home.cityName = city
  if (country) home.countryCode = country
  r.locations = [home]
  if (lang) r.defaultLang = lang
  if (zone) r.timeZone = zone
  if (birthday) r.birthdayAt = birthday + 'T00:00:00Z'
  if (signedUp) r.signedUpAt = signedUp.replace(' ', 'T') + ':00Z'
  if (tags) r.tags = tags
  if (score !== undefined) custom.avgSatScoreNum = score
  if (tier) custom.loyaltyTierStr = tier
  if (vip !== undefined) custom.vipBool = vip
  if (orders !== undefined) custom.ordersNum = orders
  if (lastOrder) custom.lastOrderAt = lastOrder.slice(6) + '-' + lastOrder.slice(3, 5) + '-' + lastOrder.slice(0, 2) + 'T00:00:00Z'
  if (profile) custom.profileUrl = profile
  if (notes) custom.notesTxt = notes
  if (twitter) r.socials = [{ type: 'twitter', username: twitter }]
  r.custom = custom
  return r
}

const ofCells = (c) => record(c[0], c[1], c[2] && c[2].split(';').map(trimmed), c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10],
  c[11] && c[11].split(',').map(trimmed), c[12] ? number(c[12]) : undefined, c[13], c[14] ? bool(c[14]) : undefined,
  c[15] ? number(c[15]) : undefined, c[16], c[17], c[18], c[19])
const listed = (x, separator) => typeof x === 'string' ? x.split(separator).map(trimmed) : x
const ofObject = (o) => record(o['Customer ID'], o.Name, listed(o['E-mail'], ';'), o.Phone, o.Mobile, o.City, o.Country, o.Language,
  o['Time zone'], o.Birthday, o['Signed up'], listed(o.Tags, ','), o['Avg Sat Score'], o['Loyalty Tier'],
  typeof o.VIP === 'string' ? bool(o.VIP) : o.VIP, o.Orders, o['Last Order'], o.Profile, o.Notes, o.Twitter)

// blocks hands whole lines from a stretch of the file to use, some megabytes at a time. No cell of the file holds a line break.
function blocks(from, to, use) {
  const input = fs.openSync(file), buffer = Buffer.allocUnsafe(4 << 20)
  let held = 0
  while (from < to) {
    const n = fs.readSync(input, buffer, held, Math.min(buffer.length - held, to - from), from)
    from += n
    const end = from < to ? buffer.lastIndexOf(10, held + n - 1) + 1 : held + n
    use(buffer.toString('utf8', 0, end))
    buffer.copy(buffer, 0, end, held + n)
    held = held + n - end
  }
}

function work({ from, to, header }) {
  const Ajv = require('ajv')
  const ajv = new Ajv()
  require('ajv-formats')(ajv)
  const valid = ajv.compile(JSON.parse(fs.readFileSync(path.join(__dirname, 'record.schema.json'), 'utf8')))
  let rows = 0, invalid = 0
  if (header === undefined) {
    blocks(from, to, (text) => {
      for (const line of text.split('\n')) {
        if (line === '') continue
        rows++
        try { if (!valid(ofObject(JSON.parse(line)))) invalid++ } catch { invalid++ }
      }
    })
  } else {
    const { inferSchema, initParser } = require('udsv')
    const parser = initParser(inferSchema(header + '\n' + header + '\n', { col: ',', row: '\n', encl: '"' }))
    const width = header.split(',').length
    blocks(from, to, (text) => {
      for (const cells of parser.stringArrs(header + '\n' + text)) {
        rows++
        if (cells.length !== width || !valid(ofCells(cells))) invalid++
      }
    })
  }
  parentPort.postMessage({ rows, invalid })
}

function share() {
  const size = fs.statSync(file).size, input = fs.openSync(file), piece = Buffer.alloc(2 << 20)
  const lineAfter = (at) => at + piece.subarray(0, fs.readSync(input, piece, 0, piece.length, at)).indexOf(10) + 1
  const isCSV = file.endsWith('.csv'), start = isCSV ? lineAfter(0) : 0, half = lineAfter(Math.floor(size / 2))
  fs.readSync(input, piece, 0, piece.length, 0)
  const header = isCSV ? piece.toString('utf8', 0, start - 1) : undefined
  const total = { rows: 0, invalid: 0 }
  let left = 2
  for (const [from, to] of [[start, half], [half, size]]) {
    new Worker(__filename, { workerData: { file, from, to, header } }).on('message', (found) => {
      total.rows += found.rows
      total.invalid += found.invalid
      if (--left === 0) console.log(JSON.stringify(total))
    })
  }
}

isMainThread ? share() : work(workerData)
