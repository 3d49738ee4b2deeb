// HTTPConnector
