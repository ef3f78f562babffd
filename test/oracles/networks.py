"""The networks that the workshop trains, in PyTorch, with its names of weights; training.py and mnist.py train them."""

import torch
from torch import nn


def linears(*widths, activation=nn.ReLU):
    """Linear maps between these widths, activations between them."""
    pairs = list(zip(widths, widths[1:]))
    layers = [layer for pair in pairs for layer in (nn.Linear(*pair), activation())]
    return layers[:-1]


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(*linears(784, 128, 64, 12, 3))
        self.decoder = nn.Sequential(*linears(3, 12, 64, 128, 784), nn.Tanh())

    def forward(self, x):
        return self.decoder(self.encoder(x.flatten(1))).view_as(x)


class ConvAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(16, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 1),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 3, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 5, stride=3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 2, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc_mean = nn.Linear(400, 20)
        self.fc_logvar = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)

    def encode(self, x):
        hidden = torch.relu(self.fc1(x.flatten(1)))
        return self.fc_mean(hidden), self.fc_logvar(hidden)

    def decode(self, code):
        return torch.tanh(self.fc4(torch.relu(self.fc3(code))))

    def forward(self, x):
        return self.decode(self.encode(x)[0]).view_as(x)


def vae_loss(net, x, noise):
    """Summed squared error and KL divergence, per picture."""
    mean, log_variance = net.encode(x)
    drawn = net.decode(mean + torch.exp(log_variance / 2) * noise)
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
    return (((drawn - x.flatten(1)) ** 2).sum() + divergence) / len(x)


class DenseAdversaries(nn.Module):
    def __init__(self):
        super().__init__()
        self.discriminator = nn.Sequential(*linears(784, 256, 256, 1, activation=lambda: nn.LeakyReLU(0.2)))
        self.generator = nn.Sequential(*linears(96, 1024, 1024, 784), nn.Tanh())

    def generate(self, noise):
        return self.generator(noise).view(-1, 1, 28, 28)

    def judge(self, x):
        return self.discriminator(x.flatten(1))


class ConvAdversaries(nn.Module):
    def __init__(self):
        super().__init__()
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, 32, 5),
            nn.LeakyReLU(0.01),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5),
            nn.LeakyReLU(0.01),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1024, 1024),
            nn.LeakyReLU(0.01),
            nn.Linear(1024, 1),
        )
        self.generator = nn.Sequential(
            nn.Linear(96, 1024),
            nn.ReLU(),
            nn.BatchNorm1d(1024),
            nn.Linear(1024, 6272),
            nn.ReLU(),
            nn.BatchNorm1d(6272),
            nn.Unflatten(1, (128, 7, 7)),
            nn.ConvTranspose2d(128, 64, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(64),
            nn.ConvTranspose2d(64, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def generate(self, noise):
        return self.generator(noise)

    def judge(self, x):
        return self.discriminator(x)


class Classifier(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.classifier = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 128),
            nn.ReLU(),
            nn.Linear(128, classes),
        )

    def forward(self, x):
        return self.classifier(x)
