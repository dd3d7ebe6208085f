import { describe, expect, test } from 'vitest'
import { tensorflowEngine } from '../../../src/train/tensorflow/load.ts'
import { TinyfrontError } from '../../../src/util/errors.ts'
import { engineContract } from '../engine-contract.ts'

const loaded = await tensorflowEngine().catch((error: unknown) => error)

if (loaded instanceof Error)
  test('without the native binding the error names both ways on', () => {
    expect(loaded).toBeInstanceOf(TinyfrontError)
    expect(loaded).toMatchObject({ kind: 'missingTool', remedy: expect.stringMatching(/setup:tensorflow.*--engine wasm/) })
  })
else
  describe('tensorflow engine on tfjs-node', () => {
    engineContract(loaded as Awaited<ReturnType<typeof tensorflowEngine>>)
  })
