"""The batched transformer is the stock one, only faster."""

import copy

import torch
from torch.nn.utils.rnn import pad_sequence

from engine.demo.architecture import build_transformer
from engine.demo.velocity import predict, prepare, sigmas


def test_a_batch_gives_what_the_stock_forward_gives():
    torch.manual_seed(0)
    stock = build_transformer()
    for weight in stock.parameters():
        weight.data += 0.05 * torch.randn_like(weight)
    plain = copy.deepcopy(stock)
    prepare(plain)
    latents, times = torch.randn(3, 16, 16, 8), torch.tensor([0.1, 0.5, 0.0])
    captions = [torch.randn(length, 128) for length in (33, 50, 64)]
    with torch.no_grad():
        wanted = stock([one[:, None] for one in latents], times, captions, return_dict=False)[0]
        given = predict(
            plain, latents, times, pad_sequence(captions, True), torch.tensor([33, 50, 64])
        )
    torch.testing.assert_close(given, torch.stack([one[:, 0] for one in wanted]))


def test_noise_levels_of_a_run_are_those_of_the_published_schedule():
    wanted = [1, 0.954545, 0.9, 0.833333, 0.75, 0.642857, 0.5, 0.3, 0]
    torch.testing.assert_close(sigmas(8), torch.tensor(wanted), atol=1e-6, rtol=0)
