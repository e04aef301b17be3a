"""The built-in XGBoost container: github.com/aws/sagemaker-xgboost-container, algorithm mode."""
