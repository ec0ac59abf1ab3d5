
















import {totalBudget} from '@subset-tuning/optimizer';
totalBudget({density: 1e-4}, 1_600_000, 0); // 160