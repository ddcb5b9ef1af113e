"""The mathematics of Z-Image in plain torch: text encoder, transformer, sampler, VAE."""
