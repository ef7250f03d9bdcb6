"""How right the engine is: labelled recordings and the simulator in, figures with their spread out."""
