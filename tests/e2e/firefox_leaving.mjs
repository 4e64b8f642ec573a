// Debian's Firefox, driven over WebDriver BiDi, signs in at each address, and must be led to where
// the portal leads: a page, or an app, which fails as nobody has it.
//
// node firefox_leaving.mjs <path of firefox> <errand as JSON>

import puppeteer from 'puppeteer-core'

const [executablePath, errand] = process.argv.slice(2)
const { username, password, addresses } = JSON.parse(errand)

const browser = await puppeteer.launch({
  browser: 'firefox',
  protocol: 'webDriverBiDi',
  executablePath,
  headless: true,
  acceptInsecureCerts: true,
  extraPrefsFirefox: { 'network.captive-portal-service.enabled': false }
})
try {
  for (const [start, end] of addresses) {
    const citizen = await browser.createBrowserContext()
    const page = await citizen.newPage()
    const failures = []
    page.setDefaultTimeout(20000)
    page.on('requestfailed', (request) => failures.push(request.failure().errorText))
    await page.goto(start)
    await page.type('[name=username]', username)
    await page.type('[name=password]', password)
    await page.click('#by-password button[type=submit]')
    for (let tries = 0; !page.url().startsWith(end) && !failures.includes(end); tries++) {
      if (tries > 150) throw new Error(`at ${page.url()} with ${failures}, not ${end}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    console.log(`ok ${end}`)
    await citizen.close()
  }
} finally {
  await browser.close()
}
process.exit(0)
