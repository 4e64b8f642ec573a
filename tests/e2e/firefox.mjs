// One journey in Debian's Firefox, driven over WebDriver BiDi: register, sign in, the second portal
// without a page, sign out. Steps that need the phone print "CODE <what for>" and read the code from
// standard input.
//
// node firefox.mjs <path of firefox> <journey as JSON>

import { createInterface } from 'node:readline/promises'

import puppeteer from 'puppeteer-core'

const [executablePath, journey] = process.argv.slice(2)
const { hub, portals, stepOne, stepTwo, username, password } = JSON.parse(journey)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const browser = await puppeteer.launch({
  browser: 'firefox',
  protocol: 'webDriverBiDi',
  executablePath,
  headless: true,
  extraPrefsFirefox: { 'network.captive-portal-service.enabled': false }
})
const page = await browser.newPage()
page.setDefaultTimeout(20000)

async function code (purpose) {
  console.log(`CODE ${purpose}`)
  return (await lines.next()).value
}

async function type (fields) {
  for (const [name, value] of Object.entries(fields)) {
    const control = await page.waitForSelector(`main [name="${name}"]`)
    if (await control.evaluate((one) => one.tagName === 'SELECT')) await control.select(value)
    else await control.type(value)
  }
}

async function press (selector = 'main form button[type=submit]') {
  await Promise.all([page.waitForNavigation(), page.click(selector)])
}

async function arrive (address) {
  const here = () => page.url().split('?')[0]
  // The hub leaves by a page that goes on by itself.
  for (let tries = 0; here() !== address && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (here() !== address) throw new Error(`at ${here()}, not ${address}: ${await heading()}`)
  console.log(`ok ${await heading()}`)
}

const heading = () => page.$eval('h1', (one) => one.textContent.trim())

try {
  await page.goto(portals[0])
  await arrive(`${hub}/login`)
  await press('a[href^="/register?"]')
  await type(stepOne)
  await press()
  await arrive(`${hub}/register/code`)
  await type({ code: await code('ثبت نام') })
  await press()
  await arrive(`${hub}/register/details`)
  await type(stepTwo)
  await press()
  await arrive(`${hub}/register/look-over`)
  await press()
  await code('result') // the page tells the state of now: only from here on it is one state
  await page.reload()
  await arrive(`${hub}/register/submitted`)

  await page.goto(portals[0])
  await type({ username, password })
  await press()
  await arrive(`${portals[0]}/`)
  await page.goto(portals[1])
  await arrive(`${portals[1]}/`)

  await page.goto(portals[0])
  await press('main button')
  await arrive(`${portals[0]}/goodbye`)
} finally {
  await browser.close()
}
process.exit(0)
