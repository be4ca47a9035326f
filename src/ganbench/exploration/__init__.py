"""What Radford et al. 2016 tried with a trained GAN: walks, arithmetic, forgetting, a representation."""
