import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { onTestFinished } from 'vitest'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether pages can be opened here (Debian: chromium). */
export const hasBrowser = existsSync(executablePath)

/** A page of a browser that is closed after the test; what its console complains of is collected. */
export async function openBrowser(
  options: { readonly width?: number; readonly height?: number; readonly scheme?: 'light' | 'dark' } = {},
) {
  // containers run as root and have no user namespaces
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  const { width = 1280, height = 860, scheme = 'light' } = options
  const page: Page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, complaints }
}
