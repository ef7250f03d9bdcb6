"""Many sensors, many machines: gateways send raw samples to RabbitMQ, workers run the engine over them."""
