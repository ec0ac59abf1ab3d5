















import {siloOf} from '@subset-tuning/optimizer';
siloOf('layer', 'model.layers.3.mlp.up_proj.weight'); // 'model.layers.3'