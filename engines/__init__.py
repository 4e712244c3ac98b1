"""Where kernels run: the engine protocol and the engines that keep it. Part of narrashift."""
