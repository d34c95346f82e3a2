// What SheetJS takes for a step of the bench, without the start of Node.js: milliseconds of the clock, of the processor.
const { readFileSync } = require('node:fs')
const { read, utils } = require('xlsx')

const rows = (bytes, options) => {
  const book = read(bytes, { dense: true, ...options })
  return utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1 })
}

const steps = {
  read: (file) => rows(readFileSync(file)),
  csv: (file, encoding) => rows(new TextDecoder(encoding).decode(readFileSync(file)), { type: 'string', raw: true }),
  compare: (roster, sheet, place) => {
    const known = new Set(rows(readFileSync(roster)).map((row) => row[2]))
    return rows(readFileSync(sheet)).filter((row) => !known.has(row[Number(place)]))
  },
}

const [step, ...given] = process.argv.slice(1)
const [start, worked] = [performance.now(), process.cpuUsage()]
steps[step](...given)
const cpu = process.cpuUsage(worked)
console.log(performance.now() - start, (cpu.user + cpu.system) / 1000)
